/** What reactors ask of services, under jcstress. */
@NullMarked
package io.freshet.engine.service;

import org.jspecify.annotations.NullMarked;
