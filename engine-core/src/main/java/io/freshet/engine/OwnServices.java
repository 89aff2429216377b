package io.freshet.engine;

import io.freshet.client.Channel;
import io.freshet.engine.channel.ChannelService;
import io.freshet.engine.channel.ChannelStates;
import io.freshet.engine.chat.ViewsService;
import io.freshet.engine.notice.InboxService;
import io.freshet.engine.presence.PresenceService;
import io.freshet.engine.room.RoomService;
import io.freshet.engine.service.ServiceHost;
import io.freshet.engine.service.Services;
import io.freshet.engine.service.ServicesAgent;
import io.freshet.engine.session.Gate;
import io.freshet.log.Storage;
import java.util.function.Consumer;
import java.util.function.Function;
import org.agrona.concurrent.EpochMicroClock;
import org.agrona.concurrent.NanoClock;

/**
 * The services that clients find at an engine: its own, which are assembled here while it starts and run on one thread, and those that the
 * application adds.
 */
final class OwnServices {
    private static final int WAITING_CALLS = 16 * 1024;

    private final Services services = new Services();
    private final ServicesAgent agent;
    private final ServiceHost host;
    private final RoomService rooms;
    private final PresenceService presence;

    /**
     * @param channels gives the engine's own channels
     * @param states asks the shards, once the engine runs
     * @param randomness fills what it is given with bytes that nobody can guess
     */
    OwnServices(
            EngineConfig config,
            Storage storage,
            EngineThreads threads,
            Gate gate,
            Function<String, Channel> channels,
            ChannelStates states,
            RoomService.InvitationListener invitations,
            NanoClock clock,
            EpochMicroClock wallClock,
            Consumer<byte[]> randomness) {
        agent = new ServicesAgent(WAITING_CALLS, clock, threads::wakeServices);
        long timeoutNs = config.timeouts().policy().toNanos();
        host = new ServiceHost(agent, wallClock, gate::access, channels, timeoutNs);
        rooms = new RoomService(host, storage.channels(), states, config.rooms(), invitations, randomness);
        services.own(rooms.service());
        ChannelService.offer(services, host, storage, states);
        services.own(new ViewsService(host, storage).service());
        InboxService.offer(services, host, storage);
        presence = PresenceService.offered(services, host, storage.channels(), EngineSettings.PRESENCE_GRACE);
    }

    /** The application's as well. */
    Services all() {
        return services;
    }

    /** Runs the engine's own. */
    ServicesAgent agent() {
        return agent;
    }

    ServiceHost host() {
        return host;
    }

    RoomService rooms() {
        return rooms;
    }

    PresenceService presence() {
        return presence;
    }
}
