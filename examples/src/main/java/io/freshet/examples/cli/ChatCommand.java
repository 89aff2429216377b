package io.freshet.examples.cli;

import io.freshet.client.ClientConfig;
import io.freshet.client.ConnectionListener;
import io.freshet.client.FreshetClient;
import io.freshet.client.chat.ChatChannel;
import io.freshet.examples.chat.ChatScreen;
import io.freshet.examples.chat.Company;
import io.freshet.examples.chat.Nicknames;
import io.freshet.examples.chat.Notices;
import io.freshet.examples.chat.Places;
import io.freshet.examples.chat.RestTimer;
import io.freshet.examples.chat.Talker;
import io.freshet.protocol.FreshetException;
import java.io.IOException;
import java.time.Clock;
import java.time.Duration;
import java.time.ZoneId;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code freshet chat}: a person talks in a channel. */
@Command(
        name = "chat",
        sortOptions = false,
        description = {
            "Talk in a channel: what was said, then what is being said, and what you type. /help says what else you can type.",
            "Without a terminal each line of standard input is said, and each line of output is as it would be shown."
        })
final class ChatCommand implements Callable<Integer> {
    @Spec
    private CommandSpec spec;

    @Mixin
    private ServerOptions server;

    @Option(names = "--channel", paramLabel = "NAME", required = true, description = "The channel to talk in.")
    private String channelName;

    @Option(
            names = "--as",
            paramLabel = "NICK",
            description =
                    "How you want to be called. Without a token it is also what a server without an authenticator "
                            + "takes you for (default: the name that the server knows).")
    private @Nullable String nick;

    @Option(
            names = "--history",
            paramLabel = "N",
            defaultValue = "30",
            description = "Messages of history to show (default: ${DEFAULT-VALUE}).")
    private int history;

    @Option(
            names = "--idle-after",
            paramLabel = "MINUTES",
            defaultValue = "5",
            description = "Be seen as idle when nothing was typed for so long (default: ${DEFAULT-VALUE}).")
    private int idleAfterMinutes;

    @Override
    public Integer call() throws IOException, InterruptedException, ExecutionException {
        if (history < 1 || history > ChatChannel.HISTORY_LIMIT) {
            throw new ParameterException(
                    spec.commandLine(),
                    "--history is " + history + ", it must be from 1 to " + ChatChannel.HISTORY_LIMIT);
        }
        if (idleAfterMinutes < 1) {
            throw new ParameterException(spec.commandLine(), "--idle-after must be at least 1 minute");
        }
        Nicknames names = new Nicknames();
        try (ChatConsole console = ChatConsole.open(spec.commandLine().getOut(), names)) {
            ChatScreen screen = new ChatScreen(names, console::print, console.hasColours(), ZoneId.systemDefault());
            ClientConfig.Builder config = server.config().listener(noting(screen));
            String token = nick;
            if (token != null && server.token().isEmpty()) {
                config.token(token);
            }
            try (FreshetClient client = FreshetClient.connect(config.build())) {
                talk(client, names, screen, console);
            }
        }
        return ExitCode.OK;
    }

    private void talk(FreshetClient client, Nicknames names, ChatScreen screen, ChatConsole console)
            throws IOException, InterruptedException, ExecutionException {
        String wanted = nick;
        String name = wanted == null ? client.principalName() : wanted;
        names.know(0, "(server)");
        names.know(client.principal(), name);
        Places places = new Places(client, channelName, history, screen, ErrorLine::sentence);
        places.tell(console::prompt);
        if (console.isTerminal()) {
            places.beSeen(console::status);
            console.onKey(line -> places.typing(!line.isEmpty() && !line.startsWith("/")));
        }
        places.begin();
        Talker talker = new Talker(places, screen, names, name, ErrorLine::sentence);
        Company company = new Company(
                client.presence(), channelName, names, console.isTerminal(), screen::note, ErrorLine::sentence);
        company.begin().toCompletableFuture().get();
        Notices notices =
                new Notices(client.inbox(), places, names, Clock.systemUTC(), screen::note, ErrorLine::sentence);
        if (console.isTerminal()) {
            notices.begin();
        }
        try (RestTimer rest = new RestTimer(Duration.ofMinutes(idleAfterMinutes), company::rest)) {
            String line = console.next();
            while (line != null && (company.take(line) || notices.take(line) || talker.take(line))) {
                rest.active();
                line = console.next();
            }
        }
        company.answered().toCompletableFuture().get();
        notices.answered().toCompletableFuture().get();
        talker.answered().toCompletableFuture().get();
    }

    private static ConnectionListener noting(ChatScreen screen) {
        return new ConnectionListener() {
            private volatile boolean wasLost;

            @Override
            public void onConnected() {
                if (wasLost) {
                    wasLost = false;
                    screen.note("connected again");
                }
            }

            @Override
            public void onDisconnected(FreshetException cause, boolean willReconnect) {
                if (willReconnect && !wasLost) {
                    wasLost = true;
                    screen.note(ErrorLine.sentence(cause) + "; reconnecting");
                }
            }
        };
    }
}
