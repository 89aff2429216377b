/**
 * What a load run measured: the records that are written as JSON, read back, compared and drawn. Values only; nothing
 * here runs a load, and every record may be handed to any thread.
 */
@NullMarked
package io.freshet.benchmarks.report;

import org.jspecify.annotations.NullMarked;
