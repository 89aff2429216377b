/**
 * A chat in the terminal, without the terminal: what a typed line asks for, what a message looks like, who is called what.
 *
 * <p>What others have written reaches a screen only through {@link io.freshet.examples.chat.VisibleText}.
 */
@NullMarked
package io.freshet.examples.chat;

import org.jspecify.annotations.NullMarked;
