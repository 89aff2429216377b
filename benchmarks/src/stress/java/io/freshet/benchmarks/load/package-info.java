/** What threads of the load generator tell each other, under jcstress. */
@NullMarked
package io.freshet.benchmarks.load;

import org.jspecify.annotations.NullMarked;
