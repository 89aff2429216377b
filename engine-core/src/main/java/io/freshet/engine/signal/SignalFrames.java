package io.freshet.engine.signal;

import io.netty.buffer.ByteBuf;
import org.jspecify.annotations.Nullable;

/**
 * One tick of one channel for one reactor: the frame for all who watch it there, and the one for those who missed some, which says
 * only what still holds. Whoever has it owns its buffers.
 *
 * @param lasting what still holds later; null when that is the whole frame
 * @param soleTypist the only principal who is writing, when nothing else is new: whom the frame tells nothing; 0 for none
 */
record SignalFrames(long channel, ByteBuf frame, @Nullable ByteBuf lasting, long soleTypist) {
    /** What still holds later. <em>Borrowed</em>. */
    ByteBuf state() {
        return lasting == null ? frame : lasting;
    }

    /** The same for another reactor, under reference counts of its own. */
    SignalFrames share() {
        return new SignalFrames(
                channel, frame.retainedDuplicate(), lasting == null ? null : lasting.retainedDuplicate(), soleTypist);
    }

    void release() {
        frame.release();
        if (lasting != null) {
            lasting.release();
        }
    }
}
