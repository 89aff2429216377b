package io.freshet.benchmarks.load;

import io.freshet.benchmarks.load.Scenario.WindowPer;
import io.freshet.benchmarks.load.Subscription.Role;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The channels, subscribers and publishers of a scenario, and which window bounds what. Owned by the leader's thread. */
final class Topology {
    private static final int PERCENT = 100;

    private final List<LoadChannel> channels = new ArrayList<>();
    private final List<Connection> subscribers = new ArrayList<>();
    private final List<Connection> stalling = new ArrayList<>();
    private final List<Connection> crowd = new ArrayList<>();
    private final List<Connection> publisherConnections = new ArrayList<>();
    private final List<Publisher> publishers = new ArrayList<>();

    /** @param run the number that the payloads of this run carry */
    Topology(Scenario scenario, LoadTeam team, int run) {
        for (int i = 0; i < scenario.channels(); i++) {
            channels.add(new LoadChannel(i, scenario.channelName() + "-" + i));
        }
        switch (scenario.kind()) {
            case TRAFFIC -> {
                addPublishers(scenario, team, run);
                addSubscribers(scenario, team);
                addCrowd(scenario, team);
            }
            case IDLE, STORM -> addIdle(scenario, team);
            case HEARTS -> {
                for (int i = 0; i < scenario.connections(); i++) {
                    subscribers.add(Connection.subscriber(team.receiver(i), channels, Role.FREE));
                }
            }
            case REPLAY -> {
                addPublishers(scenario, team, run);
                limit(scenario.messages());
                for (int i = 0; i < scenario.readers(); i++) {
                    subscribers.add(Connection.subscriber(team.receiver(i), channels, Role.FROM_FIRST));
                }
            }
        }
    }

    /** The channels get as equal parts of a replay as they can. */
    private void limit(long messages) {
        for (LoadChannel channel : channels) {
            long rest = channel.index() < messages % channels.size() ? 1 : 0;
            channel.outlets().get(0).limit(messages / channels.size() + rest);
        }
    }

    private void addIdle(Scenario scenario, LoadTeam team) {
        int each = scenario.channelsEach();
        for (int i = 0; i < scenario.connections(); i++) {
            List<LoadChannel> own = new ArrayList<>(each);
            for (int j = 0; j < each; j++) {
                own.add(channels.get((int) (((long) i * each + j) % channels.size())));
            }
            subscribers.add(Connection.subscriber(team.receiver(i), own, Role.FREE));
        }
    }

    private void addCrowd(Scenario scenario, LoadTeam team) {
        for (int i = 0; i < scenario.crowd(); i++) {
            for (LoadChannel channel : channels) {
                crowd.add(Connection.subscriber(team.receiver(i), List.of(channel), Role.FREE));
            }
        }
    }

    private void addPublishers(Scenario scenario, LoadTeam team, int run) {
        int publisherCount = scenario.publishers();
        List<List<Outlet>> outlets = new ArrayList<>();
        for (int i = 0; i < publisherCount; i++) {
            outlets.add(new ArrayList<>());
        }
        // Whoever there is less of is shared: each channel has a publisher, each publisher a channel.
        for (int i = 0; publisherCount > 0 && i < Math.max(publisherCount, channels.size()); i++) {
            LoadChannel channel = channels.get(i % channels.size());
            int publisher = i % publisherCount;
            outlets.get(publisher).add(new Outlet(channel, publisher, run, scenario.hasReceipts()));
        }
        if (!scenario.isOpenLoop() && scenario.windowPer() == WindowPer.CHANNEL) {
            addPublishersByChannel(scenario, team, outlets);
            return;
        }
        for (List<Outlet> own : outlets) {
            Window window = scenario.isOpenLoop() ? null : new Window(scenario.window(), 1);
            if (window != null) {
                bound(window, team, own, scenario.windowPer() == WindowPer.RECEIPT);
            }
            addPublisher(team.leader(), own, window);
        }
    }

    private static void bound(Window window, LoadTeam team, List<Outlet> outlets, boolean isByReceipt) {
        for (Outlet outlet : outlets) {
            if (isByReceipt) {
                outlet.releaseTo(window);
            } else {
                outlet.channel().releaseTo(window, team.size(), team.leader()::execute);
            }
        }
    }

    /** The publishers of a channel share its window; a publisher of several channels has one publisher for each. */
    private void addPublishersByChannel(Scenario scenario, LoadTeam team, List<List<Outlet>> outlets) {
        List<Window> windows = new ArrayList<>();
        for (LoadChannel channel : channels) {
            Window window =
                    new Window(scenario.window(), Math.max(1, channel.outlets().size()));
            channel.releaseTo(window, team.size(), team.leader()::execute);
            windows.add(window);
        }
        for (List<Outlet> own : outlets) {
            Connection connection = Connection.publisher(team.leader(), own);
            publisherConnections.add(connection);
            for (Outlet outlet : own) {
                Window window = windows.get(outlet.channel().index());
                publishers.add(new Publisher(connection, List.of(outlet), window));
            }
        }
    }

    private void addPublisher(LoadLoop loop, List<Outlet> outlets, @Nullable Window window) {
        Connection connection = Connection.publisher(loop, outlets);
        publisherConnections.add(connection);
        publishers.add(new Publisher(connection, outlets, window));
    }

    private void addSubscribers(Scenario scenario, LoadTeam team) {
        int perChannel = scenario.subscribers();
        int connectionCount = scenario.connections() == 0 ? channels.size() * perChannel : scenario.connections();
        List<List<LoadChannel>> subscribed = new ArrayList<>();
        for (int i = 0; i < connectionCount; i++) {
            subscribed.add(new ArrayList<>());
        }
        for (int channel = 0; channel < channels.size(); channel++) {
            for (int i = 0; i < perChannel; i++) {
                int connection = (int) (((long) channel * perChannel + i) % connectionCount);
                subscribed.get(connection).add(channels.get(channel));
            }
        }
        // Those that stand still for a while are taken from the whole, evenly; nobody waits for them.
        int stalledPercent = scenario.stalled();
        for (int i = 0; i < connectionCount; i++) {
            boolean isStalling = (long) (i + 1) * stalledPercent / PERCENT > (long) i * stalledPercent / PERCENT;
            Connection connection = Connection.subscriber(
                    team.receiver(i), subscribed.get(i), isStalling ? Role.FREE : Role.WAITED_FOR);
            subscribers.add(connection);
            if (isStalling) {
                stalling.add(connection);
            }
        }
    }

    List<LoadChannel> channels() {
        return channels;
    }

    /** Connections that subscribe, in the order in which they are to be made. */
    List<Connection> subscribers() {
        return subscribers;
    }

    /** Those of the subscribers that stand still for a while. */
    List<Connection> stalling() {
        return stalling;
    }

    /** Subscribers that come and go with the peak, one channel each. */
    List<Connection> crowd() {
        return crowd;
    }

    List<Connection> publisherConnections() {
        return publisherConnections;
    }

    List<Publisher> publishers() {
        return publishers;
    }
}
