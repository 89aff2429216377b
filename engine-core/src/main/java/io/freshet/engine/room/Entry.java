package io.freshet.engine.room;

import com.google.protobuf.ByteString;
import io.freshet.engine.Access;
import io.freshet.engine.RoomSettings;
import io.freshet.engine.service.Caller;
import io.freshet.protocol.v1.RoomState;

/**
 * Somebody's wish to be in a room, with what was found out about it.
 *
 * @param ticket of an earlier place; empty for none
 * @param replaces whether other places of the same principal are given up for this one
 */
record Entry(
        Caller session,
        long channel,
        String name,
        RoomSettings settings,
        Access access,
        ByteString ticket,
        boolean replaces,
        RoomState state) {}
