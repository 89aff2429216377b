/** What retention gives to the owner of a log, under jcstress. */
@NullMarked
package io.freshet.log.retention;

import org.jspecify.annotations.NullMarked;
