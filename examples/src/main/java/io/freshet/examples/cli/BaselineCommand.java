package io.freshet.examples.cli;

import io.freshet.benchmarks.baseline.BaselineServer;
import io.freshet.benchmarks.baseline.SocketSettings;
import io.freshet.engine.transport.Listener;
import io.freshet.engine.transport.NettyLoop;
import io.netty.buffer.AdaptiveByteBufAllocator;
import io.netty.buffer.ByteBufAllocator;
import io.netty.buffer.PooledByteBufAllocator;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ExitCode;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code freshet load baseline}: a server to compare with, with the read size and socket options of our own. */
@Command(
        name = "baseline",
        sortOptions = false,
        description = {
            "Run one of the servers that Freshet is compared with, until SIGTERM or SIGINT.",
            "Prints 'baseline: listening on HOST:PORT' once clients can connect."
        })
final class BaselineCommand implements Callable<Integer> {
    private static final int BACKLOG = 4096;

    @Spec
    private CommandSpec spec;

    @Parameters(
            paramLabel = "naive|floor|append-floor",
            converter = KindConverter.class,
            description = "naive: fan-out as most people would write it; floor: the least that a JVM can do; "
                    + "append-floor: the least that a server with a log can do for a publish.")
    private Kind kind;

    @Option(
            names = "--port",
            paramLabel = "PORT",
            defaultValue = "7500",
            description = "The port on 127.0.0.1 to listen on; 0 is any that is free (default: ${DEFAULT-VALUE}).")
    private int port;

    @Option(names = "--data", paramLabel = "DIR", description = "append-floor: the directory of its queue.")
    private @Nullable Path data;

    @Option(names = "--sync", description = "append-floor: one document, one sync and one answer for each message.")
    private boolean isEachSynced;

    @Option(
            names = "--stream",
            paramLabel = "FILE",
            description = "floor: message frames, all of one length, that clients may ask for.")
    private @Nullable Path stream;

    @Option(
            names = "--allocator",
            paramLabel = "adaptive|pooled",
            defaultValue = "adaptive",
            description =
                    "Where buffers come from; adaptive is what Netty takes by itself (default: ${DEFAULT-VALUE}).")
    private Allocator allocator;

    @Override
    public Integer call() throws IOException, InterruptedException {
        checkOptions();
        StopSignal stop = FreshetCommand.stopOf(spec);
        stop.install();
        try (BaselineServer server = start()) {
            spec.commandLine()
                    .getOut()
                    .println("baseline: listening on "
                            + new ServerAddress("127.0.0.1", server.address().getPort()));
            stop.await();
        }
        return ExitCode.OK;
    }

    private BaselineServer start() throws IOException {
        InetSocketAddress at = new InetSocketAddress(InetAddress.getLoopbackAddress(), port);
        SocketSettings settings = new SocketSettings(
                NettyLoop.READ_LENGTH,
                1,
                BACKLOG,
                Listener.OUTBOUND_MARK_LENGTH,
                Listener.UNSENT_MARK_LENGTH,
                allocator.instance());
        return switch (kind) {
            case NAIVE -> BaselineServer.naive(at, settings);
            case FLOOR -> BaselineServer.floor(at, settings, stream);
            case APPEND_FLOOR -> BaselineServer.appendFloor(at, settings, requiredData(), isEachSynced);
        };
    }

    private Path requiredData() {
        if (data == null) {
            throw wrongUsage("append-floor needs --data");
        }
        return data;
    }

    private void checkOptions() {
        if (port < 0 || port > 65_535) {
            throw wrongUsage("--port is " + port + ", must be 0..65535");
        }
        if (kind != Kind.APPEND_FLOOR && (data != null || isEachSynced)) {
            throw wrongUsage("--data and --sync belong to append-floor");
        }
        if (kind != Kind.FLOOR && stream != null) {
            throw wrongUsage("--stream belongs to floor");
        }
    }

    private ParameterException wrongUsage(String problem) {
        return new ParameterException(spec.commandLine(), problem);
    }

    /** Which server. */
    private enum Kind {
        NAIVE,
        FLOOR,
        APPEND_FLOOR
    }

    /** Where buffers come from. */
    private enum Allocator {
        ADAPTIVE {
            @Override
            ByteBufAllocator instance() {
                return new AdaptiveByteBufAllocator();
            }
        },
        POOLED {
            @Override
            ByteBufAllocator instance() {
                return PooledByteBufAllocator.DEFAULT;
            }
        };

        abstract ByteBufAllocator instance();
    }

    /** The names as the help shows them. */
    private static final class KindConverter implements ITypeConverter<Kind> {
        @Override
        public Kind convert(String text) {
            return switch (text) {
                case "naive" -> Kind.NAIVE;
                case "floor" -> Kind.FLOOR;
                case "append-floor" -> Kind.APPEND_FLOOR;
                default -> throw new TypeConversionException("'" + text + "' is none of naive, floor, append-floor");
            };
        }
    }
}
