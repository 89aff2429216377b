/** What the tests of every module share: the gate that fails a test class which lost a buffer. */
@NullMarked
package io.freshet.testing;

import org.jspecify.annotations.NullMarked;
