/**
 * How a document lies in bytes, the same for every log: a {@link io.freshet.log.LogBatch} enters
 * {@link io.freshet.log.document.DocumentWriter} on the shard's thread, and
 * {@link io.freshet.log.document.DocumentView} shows the document again on a reader's.
 */
@NullMarked
package io.freshet.log.document;

import org.jspecify.annotations.NullMarked;
