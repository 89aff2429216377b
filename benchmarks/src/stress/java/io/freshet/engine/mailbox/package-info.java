/** What senders and a reactor share, under jcstress: see `CONTRIBUTING.md` for how to run it. */
@NullMarked
package io.freshet.engine.mailbox;

import org.jspecify.annotations.NullMarked;
