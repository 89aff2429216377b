package io.freshet.engine;

import static io.freshet.engine.metrics.Metric.Kind.COUNTER;
import static io.freshet.engine.metrics.Metric.Kind.GAUGE;
import static io.freshet.engine.metrics.Metric.Unit.BYTES;
import static io.freshet.engine.metrics.Metric.Unit.COUNT;

import io.freshet.engine.delivery.ColdReader;
import io.freshet.engine.erasure.Eraser;
import io.freshet.engine.limit.Admission;
import io.freshet.engine.metrics.EngineMetrics;
import io.freshet.engine.metrics.MetricCatalogue;
import io.freshet.engine.metrics.ReactorCounters;
import io.freshet.engine.notice.Notifier;
import io.freshet.engine.presence.PresenceService;
import io.freshet.engine.reactor.ReactorGroup;
import io.freshet.engine.room.RoomService;
import io.freshet.engine.service.Services;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.log.Storage;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;

/** Collects from the parts of an engine what they count. */
final class MetricSources {
    private MetricSources() {}

    static EngineMetrics of(
            ReactorGroup reactors,
            Storage storage,
            ColdReader reader,
            Eraser eraser,
            OwnServices services,
            Notifier notifier,
            MemoryLimits limits) {
        MetricCatalogue catalogue = new MetricCatalogue();
        List<ReactorCounters> counters = new ArrayList<>();
        for (int i = 0; i < reactors.count(); i++) {
            counters.add(reactors.counters(i));
            catalogue.reactor(i, reactors.counters(i), reactors.mailbox(i));
        }
        catalogue.reactors(counters);
        for (int shard = 0; shard < storage.shardCount(); shard++) {
            catalogue.shard(shard, reactors.shardCounters(shard), storage.log(shard), storage.index(shard));
        }
        catalogue.add(
                "reader.waiting", GAUGE, COUNT, "Requests that wait for the reader", Map.of(), reader::waitingCount);
        String answered = "Requests that the reader has answered, of cold reads, pages and channels' states";
        catalogue.add("reader.requests", COUNTER, COUNT, answered, Map.of(), reader::answeredCount);
        catalogue.add("reader.failures", COUNTER, COUNT, "Requests that failed", Map.of(), reader::failureCount);
        String refused = "Requests that found the reader's queue full, each time they were tried";
        catalogue.add("reader.refused", COUNTER, COUNT, refused, Map.of(), reader::refusedCount);
        services(catalogue, services.all(), services.agent());
        rooms(catalogue, services.rooms());
        presence(catalogue, services.presence());
        Admission admission = reactors.admission();
        String clients = "Connections of clients now, against the limit on connections in all";
        catalogue.add("clients", GAUGE, COUNT, clients, Map.of(), admission::connectionCount);
        String accounts = "Addresses and principals whose connections and rates are remembered";
        catalogue.add("accounts", GAUGE, COUNT, accounts, Map.of(), admission::accountCount);
        String shared =
                "Times that there was no room to remember another address or principal, so that it shares an account";
        catalogue.add("accounts.shared", COUNTER, COUNT, shared, Map.of(), admission::overflowCount);
        String erased = "Records whose content was erased";
        catalogue.add("erased.records", COUNTER, COUNT, erased, Map.of(), eraser::erasedCount);
        String failed = "Erasures that failed and are tried again";
        catalogue.add("erasure.failures", COUNTER, COUNT, failed, Map.of(), eraser::failureCount);
        String pending = "Erasures that were asked for and are not done, some thousand at most";
        catalogue.add("erasures.pending", GAUGE, COUNT, pending, Map.of(), eraser::pendingCount);
        catalogue.notices(notifier.counters());
        String dropped = "Notices that sinks were given and have given up";
        catalogue.add("sinks.dropped", COUNTER, COUNT, dropped, Map.of(), notifier::droppedCount);
        catalogue.limit("window.limit", BYTES, "Bound on the recent window", limits.windowBytes());
        catalogue.limit("pinned.limit", BYTES, "Bound on older batches that connections hold", limits.pinnedBytes());
        catalogue.limit("outbound.limit", BYTES, "Bound on the queues of stuck connections", limits.outboundBytes());
        catalogue.limit("cold.reads.limit", COUNT, "Bound on cold reads under way", limits.coldReadCount());
        return catalogue.build();
    }

    private static void rooms(MetricCatalogue catalogue, RoomService rooms) {
        String there = "Voice rooms with a member or an open invitation";
        catalogue.add("rooms", GAUGE, COUNT, there, Map.of(), rooms::roomCount);
        String members = "Members of voice rooms, those included whose place is kept for them";
        catalogue.add("rooms.members", GAUGE, COUNT, members, Map.of(), rooms::memberCount);
        String full = "Joins of voice rooms that were refused, since there was no place";
        catalogue.add("rooms.full", COUNTER, COUNT, full, Map.of(), rooms::fullCount);
        String signals = "Signals that were handed from one member of a voice room to another";
        catalogue.add("rooms.signals", COUNTER, COUNT, signals, Map.of(), rooms::signalCount);
    }

    private static void presence(MetricCatalogue catalogue, PresenceService presence) {
        String users = "Users that are there, or were lately";
        catalogue.add("presence.users", GAUGE, COUNT, users, Map.of(), presence::userCount);
        String groups = "Groups that somebody is in, or looks at";
        catalogue.add("presence.groups", GAUGE, COUNT, groups, Map.of(), presence::groupCount);
        String updates = "Updates that were pushed to those who look at a group";
        catalogue.add("presence.updates", COUNTER, COUNT, updates, Map.of(), presence::updateCount);
    }

    private static void services(MetricCatalogue catalogue, Services services, ServicesAgent agent) {
        String waiting = "Calls that wait for the engine's own services";
        catalogue.add("services.waiting", GAUGE, COUNT, waiting, Map.of(), agent::waitingCount);
        String failed = "Tasks of the engine's own services that failed";
        catalogue.add("services.failures", COUNTER, COUNT, failed, Map.of(), agent::failureCount);
        String refused = "Pushes that were refused: the session was over or did not read, or too much was on its way";
        catalogue.add("pushes.refused", COUNTER, COUNT, refused, Map.of(), services::refusedPushCount);
        String lost = "What services of the application waited for at a session's end, and there was no room to run";
        catalogue.add("services.endings.lost", COUNTER, COUNT, lost, Map.of(), services::lostEndingCount);
    }
}
