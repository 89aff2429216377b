package io.freshet.testing;

import io.netty.util.ResourceLeakDetector;
import io.netty.util.ResourceLeakDetectorFactory;
import io.netty.util.ResourceLeakTracker;
import java.lang.ref.ReferenceQueue;
import java.lang.ref.WeakReference;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * Collects what Netty's leak detectors find, instead of a line in a log that nobody reads. Any thread. It must be
 * installed before Netty's buffer classes are loaded, because they make their detectors then.
 */
final class LeakRecorder extends ResourceLeakDetectorFactory {
    private static final long REFERENCES_TIMEOUT_MS = 5_000;

    private final Queue<String> reports = new ConcurrentLinkedQueue<>();
    private final List<RecordingDetector<?>> detectors = new CopyOnWriteArrayList<>();

    void install() {
        ResourceLeakDetectorFactory.setResourceLeakDetectorFactory(this);
    }

    /**
     * Every leak of what is garbage by now, each told once.
     *
     * @throws InterruptedException when interrupted while the garbage collector works
     */
    List<String> drain() throws InterruptedException {
        // Twice: when the second round's reference arrives, all of the first round's have been handed over.
        awaitCollection();
        awaitCollection();
        for (RecordingDetector<?> detector : detectors) {
            detector.report();
        }
        List<String> found = new ArrayList<>();
        for (String report = reports.poll(); report != null; report = reports.poll()) {
            found.add(report);
        }
        return found;
    }

    private static void awaitCollection() throws InterruptedException {
        ReferenceQueue<Object> queue = new ReferenceQueue<>();
        WeakReference<Object> sentinel = new WeakReference<>(new Object(), queue);
        System.gc();
        if (queue.remove(REFERENCES_TIMEOUT_MS) != sentinel) {
            throw new IllegalStateException("the garbage collector did not run in " + REFERENCES_TIMEOUT_MS + " ms");
        }
    }

    @Override
    @Deprecated
    @SuppressWarnings("InlineMeSuggester") // the signature is Netty's
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(
            Class<T> resource, int samplingInterval, long maxActive) {
        return newResourceLeakDetector(resource, samplingInterval);
    }

    @Override
    public <T> ResourceLeakDetector<T> newResourceLeakDetector(Class<T> resource, int samplingInterval) {
        RecordingDetector<T> detector = new RecordingDetector<>(resource, samplingInterval, reports);
        detectors.add(detector);
        return detector;
    }

    private static final class RecordingDetector<T> extends ResourceLeakDetector<T> {
        private final Class<T> resource;
        private final Queue<String> reports;

        RecordingDetector(Class<T> resource, int samplingInterval, Queue<String> reports) {
            super(resource, samplingInterval);
            this.resource = resource;
            this.reports = reports;
        }

        /** A detector reports while it begins to track something; so it is given something to track. */
        @SuppressWarnings("unchecked")
        void report() {
            T something = (T) new Object();
            ResourceLeakTracker<T> tracker = trackForcibly(something);
            if (tracker != null) {
                tracker.close(something);
            }
        }

        @Override
        protected boolean needReport() {
            return true;
        }

        @Override
        protected void reportTracedLeak(String resourceType, String records) {
            reports.add(resource.getSimpleName() + " was not released" + records);
        }

        @Override
        protected void reportUntracedLeak(String resourceType) {
            reports.add(resource.getSimpleName() + " was not released");
        }
    }
}
