/** What callers and a client's thread share, under jcstress. */
@NullMarked
package io.freshet.client;

import org.jspecify.annotations.NullMarked;
