/** The house rules that a program can check, over all modules: on the classes, and on the source text. */
@NullMarked
package io.freshet.rules;

import org.jspecify.annotations.NullMarked;
