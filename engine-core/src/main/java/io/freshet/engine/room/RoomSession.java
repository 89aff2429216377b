package io.freshet.engine.room;

import com.google.protobuf.MessageLite;
import io.freshet.engine.Principal;

/** A session, as rooms see it. On the thread that owns the rooms. */
interface RoomSession {
    /** Never used again by another. */
    long session();

    Principal principal();

    /** Sends this to the client; false when the session has ended, or does not read. */
    boolean push(MessageLite message);
}
