package io.freshet.benchmarks.load;

import io.freshet.benchmarks.report.Sample;

/** Is told once a second how a run goes, on the thread that runs it. */
@FunctionalInterface
public interface ProgressListener {
    void onSample(Sample sample);

    /** Says nothing. */
    static ProgressListener silent() {
        return sample -> {};
    }
}
