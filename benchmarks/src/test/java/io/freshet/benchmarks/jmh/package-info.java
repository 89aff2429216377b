/** JMH benchmarks of the parts. Each says in its Javadoc what it measures and the command that runs it. */
@NullMarked
package io.freshet.benchmarks.jmh;

import org.jspecify.annotations.NullMarked;
