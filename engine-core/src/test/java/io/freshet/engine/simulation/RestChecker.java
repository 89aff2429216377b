package io.freshet.engine.simulation;

import io.freshet.client.SignalState;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What must come to hold once it is calm, beside what each is served: the index knows all and says what the log says, whoever reads a
 * channel's history gets to its end, and whoever watches its signals knows what holds. Looked at now and then, since it is slow.
 */
final class RestChecker {
    private static final int LOOKS_ONE_IN = 128;

    private final WireChecker wire;
    private final List<SimClient> clients;
    private boolean isIndexed;
    private boolean isMet;
    private int askedCount;

    /** @param clients everyone, also those to come */
    RestChecker(WireChecker wire, List<SimClient> clients) {
        this.wire = wire;
        this.clients = clients;
    }

    /** Something goes on again. */
    void begin() {
        isMet = false;
        isIndexed = false;
    }

    boolean isMet(@Nullable SimServer server) {
        if (!isMet && server != null && ++askedCount % LOOKS_ONE_IN == 0) {
            isMet = unmet(server).isEmpty();
        }
        return isMet;
    }

    /** What does not hold, as lines. */
    String unmet(SimServer server) {
        StringBuilder text = new StringBuilder();
        isIndexed = isIndexed || wire.views().isIndexed(server.storage());
        if (!isIndexed) {
            text.append("\n  the index does not know everything");
        }
        for (SimClient client : clients) {
            if (!client.isUsable()) {
                continue;
            }
            if (client.isLooking()) {
                text.append("\n  client-").append(client.sender()).append(" still looks at a history");
            }
            client.watched().forEach((name, state) -> {
                String lack = lack(server, name, state);
                if (lack != null) {
                    text.append("\n  client-")
                            .append(client.sender())
                            .append(" watches ")
                            .append(name)
                            .append(lack);
                }
            });
        }
        return text.toString();
    }

    private @Nullable String lack(SimServer server, String name, @Nullable SignalState told) {
        long channel = server.storage().channels().find(name);
        if (told == null) {
            return " and was told nothing";
        }
        long present = clients.stream()
                .filter(client -> client.isUsable() && client.isFollowing(name))
                .count();
        if (told.occupancy() != present) {
            return " and was told of " + told.occupancy() + " subscriptions, which are " + present;
        }
        return wire.signals().lack(channel, told, wire.views().pinnedLastFirst(server.storage(), channel));
    }
}
