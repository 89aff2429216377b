package io.freshet.benchmarks.load;

import com.sun.tools.attach.AttachNotSupportedException;
import com.sun.tools.attach.VirtualMachine;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.lang.management.RuntimeMXBean;
import java.lang.management.ThreadInfo;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import javax.management.MBeanServerConnection;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;
import org.jspecify.annotations.Nullable;

/**
 * What the server's virtual machine says of allocation and garbage collection, asked over JMX through the attach API. Not
 * safe for several threads.
 *
 * <p>Bytes are counted by thread, for those that live at both moments and do not serve the asking itself. Where the
 * virtual machine cannot be asked, nothing is known and nothing fails.
 */
final class JvmProbe implements AutoCloseable {
    private static final List<String> ASKING = List.of("RMI ", "JMX ", "Attach ");

    private final @Nullable JMXConnector connector;
    private final @Nullable MBeanServerConnection server;

    private JvmProbe(@Nullable JMXConnector connector, @Nullable MBeanServerConnection server) {
        this.connector = connector;
        this.server = server;
    }

    /** Knows nothing. */
    static JvmProbe none() {
        return new JvmProbe(null, null);
    }

    /** Asks this process, or no one when that cannot be. */
    @SuppressWarnings("BanJNDI") // the address was told by the process itself, on this machine
    static JvmProbe attach(long pid) {
        if (pid == 0 || pid == ProcessHandle.current().pid()) {
            return none();
        }
        try {
            VirtualMachine machine = VirtualMachine.attach(Long.toString(pid));
            String address;
            try {
                address = machine.startLocalManagementAgent();
            } finally {
                machine.detach();
            }
            JMXConnector connector = JMXConnectorFactory.connect(new JMXServiceURL(address));
            return new JvmProbe(connector, connector.getMBeanServerConnection());
        } catch (IOException | AttachNotSupportedException | RuntimeException e) {
            return none();
        }
    }

    /** Vendor and version of the server's virtual machine, empty when it is not known. */
    String jdk() {
        if (server == null) {
            return "";
        }
        try {
            RuntimeMXBean runtime = ManagementFactory.newPlatformMXBeanProxy(
                    server, ManagementFactory.RUNTIME_MXBEAN_NAME, RuntimeMXBean.class);
            return runtime.getVmVendor() + " " + runtime.getVmVersion();
        } catch (IOException | RuntimeException e) {
            return "";
        }
    }

    /** What was used up to now; null when it is not known. */
    @Nullable
    Use use() {
        if (server == null) {
            return null;
        }
        try {
            long gcCount = 0;
            long gcTimeMs = 0;
            for (GarbageCollectorMXBean collector :
                    ManagementFactory.getPlatformMXBeans(server, GarbageCollectorMXBean.class)) {
                gcCount += collector.getCollectionCount();
                gcTimeMs += collector.getCollectionTime();
            }
            return new Use(allocatedByThread(server), gcCount, gcTimeMs);
        } catch (IOException | RuntimeException e) {
            return null;
        }
    }

    private static Map<Long, Long> allocatedByThread(MBeanServerConnection server) throws IOException {
        com.sun.management.ThreadMXBean threads = ManagementFactory.newPlatformMXBeanProxy(
                server, ManagementFactory.THREAD_MXBEAN_NAME, com.sun.management.ThreadMXBean.class);
        long[] ids = threads.getAllThreadIds();
        long[] bytes = threads.getThreadAllocatedBytes(ids);
        ThreadInfo[] infos = threads.getThreadInfo(ids);
        Map<Long, Long> allocated = new HashMap<>();
        for (int i = 0; i < ids.length; i++) {
            ThreadInfo info = infos[i];
            if (info != null && bytes[i] >= 0 && ASKING.stream().noneMatch(info.getThreadName()::startsWith)) {
                allocated.put(ids[i], bytes[i]);
            }
        }
        return allocated;
    }

    @Override
    public void close() {
        if (connector != null) {
            try {
                connector.close();
            } catch (IOException e) {
                // The server has ended; nothing is left to be closed.
            }
        }
    }

    /**
     * @param allocatedByThread bytes that each thread has allocated
     * @param gcCount collections
     * @param gcTimeMs time spent on them
     */
    record Use(Map<Long, Long> allocatedByThread, long gcCount, long gcTimeMs) {
        /** Bytes allocated since. */
        long allocatedSince(Use before) {
            long bytes = 0;
            for (Map.Entry<Long, Long> thread : allocatedByThread.entrySet()) {
                bytes += thread.getValue() - before.allocatedByThread.getOrDefault(thread.getKey(), 0L);
            }
            return bytes;
        }
    }
}
