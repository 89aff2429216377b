package io.freshet.engine.signal;

import io.netty.buffer.ByteBuf;

/**
 * One tick of one channel for one reactor: the frame for all who watch it there, and the one for those who missed some, which says
 * only what still holds. Whoever has it owns its buffers.
 *
 * @param soleTypist the only principal who is writing, when nothing else is new: whom the frame tells nothing; 0 for none
 */
record SignalFrames(long channel, ByteBuf frame, ByteBuf state, long soleTypist) {
    /** The same for another reactor, under reference counts of its own. */
    SignalFrames share() {
        ByteBuf sharedFrame = frame.retainedDuplicate();
        return new SignalFrames(
                channel, sharedFrame, state == frame ? sharedFrame : state.retainedDuplicate(), soleTypist);
    }

    void release() {
        frame.release();
        if (state != frame) {
            state.release();
        }
    }
}
