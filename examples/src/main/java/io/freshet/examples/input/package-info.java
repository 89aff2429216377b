/** Text that becomes messages: the lines of a stream, byte for byte, and the lines of an IRC log with their speakers. */
@NullMarked
package io.freshet.examples.input;

import org.jspecify.annotations.NullMarked;
