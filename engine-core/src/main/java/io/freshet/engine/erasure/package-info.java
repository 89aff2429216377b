/**
 * Erases the content of records for good. A committed event of kind ERASURE names them; the indexer's thread folds it into a list
 * of what is to be done, which the index keeps; the eraser's thread does it on the disk, then has the reader's and the reactors'
 * memory forget, and says so.
 */
@NullMarked
package io.freshet.engine.erasure;

import org.jspecify.annotations.NullMarked;
