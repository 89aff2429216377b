/**
 * Frees what a log need not keep: an agent of the storage looks at the files of each log, has what must outlive them written
 * to the log by the log's owner, lets the index forget, and then removes them.
 */
@NullMarked
package io.freshet.log.retention;

import org.jspecify.annotations.NullMarked;
