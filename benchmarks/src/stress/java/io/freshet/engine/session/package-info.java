/** What sessions share with services and with those who decide for the application, under jcstress. */
@NullMarked
package io.freshet.engine.session;

import org.jspecify.annotations.NullMarked;
