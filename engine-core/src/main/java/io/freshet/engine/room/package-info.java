/**
 * Voice rooms: who is in which, what they say of themselves, and the signals from one member to another.
 *
 * <p>Requests of sessions enter on the services' thread, which owns everything here; pushes and answers leave on it. Nothing is stored: a
 * room is what its members' connections make of it, and ends with the process.
 */
@NullMarked
package io.freshet.engine.room;

import org.jspecify.annotations.NullMarked;
