/**
 * The {@code freshet} command, one class for each subcommand.
 *
 * <p>Results go to standard output and everything else to standard error. Exit codes: 0 done, 1 failed, 2 wrong usage.
 * An error is one line; {@code --verbose} adds its stack trace.
 */
@NullMarked
package io.freshet.examples.cli;

import org.jspecify.annotations.NullMarked;
