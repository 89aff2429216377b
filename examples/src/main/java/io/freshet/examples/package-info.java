/** The standalone server, its command line, and samples of the embedded engine. */
@NullMarked
package io.freshet.examples;

import org.jspecify.annotations.NullMarked;
