package io.freshet.benchmarks.report;

import java.util.List;

/**
 * What was put under load.
 *
 * @param name the server's name in reports: {@code freshet}, {@code naive}, {@code floor}, …
 * @param wire the framing that was spoken: {@code freshet} or {@code raw}
 * @param address host and port, with {@code tls://}, {@code ws://} or {@code wss://} before them when frames do not come as they are
 * @param pid the server's process, 0 when it is not known
 * @param serverCommand the server's command line, empty when its process is not known
 * @param serverJdk the server's virtual machine, empty when it is not known
 */
public record Target(String name, String wire, String address, long pid, List<String> serverCommand, String serverJdk) {
    public Target {
        serverCommand = List.copyOf(serverCommand);
    }

    /** The same with the last name of each path in the command. */
    Target withoutDirectories() {
        List<String> command = serverCommand.stream()
                .map(argument ->
                        argument.startsWith("/") ? argument.substring(argument.lastIndexOf('/') + 1) : argument)
                .toList();
        return new Target(name, wire, address, pid, command, serverJdk);
    }
}
