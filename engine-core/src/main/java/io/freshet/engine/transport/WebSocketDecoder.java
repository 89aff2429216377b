package io.freshet.engine.transport;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;

/**
 * Takes WebSocket frames of a client (RFC 6455, 5) apart and hands the payload of binary messages on as it comes: it is unmasked in place, in the
 * buffer that it was read into, and never collected, so that the limits of the Freshet frames within are checked from their headers as over
 * TCP, and a begun message holds no memory. Control frames are collected, at most 125 bytes. Owned by the loop's thread.
 *
 * <p>Of the pings that were read at once only the last is answered (RFC 6455, 5.5.3): each answer is a write to the socket, and a ping six bytes.
 *
 * <p>Any breach ends the connection with a close code: 1002 for broken framing, 1003 for text, 1009 for a message that is too long.
 */
final class WebSocketDecoder extends ChannelInboundHandlerAdapter {
    /** Payload bytes of one message at most, its fragments together. */
    static final int MAX_MESSAGE_LENGTH = 1 << 20;

    static final int PROTOCOL_ERROR = 1002;
    static final int UNSUPPORTED_DATA = 1003;

    /** Stands for a close frame without a code. The RFC's own 1005 for that must not be sent, and is a breach when it is. */
    static final int NO_STATUS = -1;

    static final int MESSAGE_TOO_BIG = 1009;

    private static final int RESERVED_BITS = 0x70;
    private static final int OPCODE_BITS = 0x0F;
    private static final int LENGTH_BITS = 0x7F;
    private static final int MAX_CONTROL_LENGTH = 125;
    private static final int MASK_LENGTH = 4;
    private static final int MAX_HEADER_LENGTH = 2 + Long.BYTES + MASK_LENGTH;

    private final NettyConnection connection;
    private final ByteBuf header = Unpooled.buffer(MAX_HEADER_LENGTH, MAX_HEADER_LENGTH);
    private int headerLength = 2;
    private int opcode;
    private boolean isFinal;
    private int mask;
    private int left;
    private boolean isInMessage;
    private int messageLength;
    private ByteBuf control = Unpooled.EMPTY_BUFFER;
    /** What the last ping had, if it is not answered yet. */
    private ByteBuf ping = Unpooled.EMPTY_BUFFER;

    private boolean isPinged;
    private boolean isOver;

    WebSocketDecoder(NettyConnection connection) {
        this.connection = connection;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        try {
            while (in.isReadable() && !isOver) {
                if (headerLength > 0) {
                    readHeader(in);
                } else {
                    readPayload(ctx, in);
                }
            }
        } finally {
            in.release();
        }
    }

    @Override
    public void channelReadComplete(ChannelHandlerContext ctx) {
        answerPing();
        ctx.fireChannelReadComplete();
    }

    private void answerPing() {
        if (isPinged && !isOver) {
            isPinged = false;
            connection.pong(ping);
        }
    }

    /** Collects a header; its length is known after two bytes. */
    private void readHeader(ByteBuf in) {
        header.writeBytes(in, Math.min(headerLength - header.readableBytes(), in.readableBytes()));
        if (header.readableBytes() < headerLength) {
            return;
        }
        if (headerLength == 2) {
            beginFrame(header.getByte(0) & 0xFF, header.getByte(1) & 0xFF);
        } else {
            endHeader();
        }
    }

    private void beginFrame(int first, int second) {
        opcode = first & OPCODE_BITS;
        isFinal = (first & WebSocketHeader.FINAL_BIT) != 0;
        int length = second & LENGTH_BITS;
        boolean isControl = opcode >= WebSocketHeader.CLOSE;
        if ((first & RESERVED_BITS) != 0 || (second & WebSocketHeader.MASKED_BIT) == 0) {
            breach(PROTOCOL_ERROR, "a WebSocket frame with reserved bits, or without a mask");
        } else if (isControl && (!isFinal || length > MAX_CONTROL_LENGTH || opcode > WebSocketHeader.PONG)) {
            breach(PROTOCOL_ERROR, "a WebSocket control frame that is unknown, fragmented or too long");
        } else if (opcode == WebSocketHeader.TEXT) {
            breach(UNSUPPORTED_DATA, "a WebSocket text message; frames come in binary ones");
        } else if (!isControl && opcode != (isInMessage ? WebSocketHeader.CONTINUATION : WebSocketHeader.BINARY)) {
            breach(PROTOCOL_ERROR, "a WebSocket frame of opcode " + opcode + ", which cannot come here");
        } else {
            int extended = length == WebSocketHeader.LENGTH_64
                    ? Long.BYTES
                    : length == WebSocketHeader.LENGTH_16 ? Short.BYTES : 0;
            headerLength = 2 + extended + MASK_LENGTH;
        }
    }

    private void endHeader() {
        long length = header.getByte(1) & LENGTH_BITS;
        boolean isShortest = true;
        if (length == WebSocketHeader.LENGTH_16) {
            length = header.getUnsignedShort(2);
            isShortest = length >= WebSocketHeader.LENGTH_16;
        } else if (length == WebSocketHeader.LENGTH_64) {
            length = header.getLong(2);
            isShortest = length > 0xFFFF;
        }
        if (!isShortest) {
            breach(PROTOCOL_ERROR, "a WebSocket length that is not in its shortest form");
            return;
        }
        boolean isData = opcode <= WebSocketHeader.BINARY;
        if (length > MAX_MESSAGE_LENGTH || (isData && messageLength + length > MAX_MESSAGE_LENGTH)) {
            breach(MESSAGE_TOO_BIG, "a WebSocket message longer than " + MAX_MESSAGE_LENGTH + " bytes");
            return;
        }
        mask = header.getInt(headerLength - MASK_LENGTH);
        left = (int) length;
        headerLength = 0;
        header.clear();
        if (isData) {
            isInMessage = !isFinal;
            messageLength = isFinal ? 0 : messageLength + left;
        } else {
            control = emptied(control);
        }
        if (left == 0) {
            endFrame();
        }
    }

    /** Room for what a control frame has: made once it is needed, then used again. */
    private ByteBuf emptied(ByteBuf used) {
        boolean isMissing = left > used.capacity();
        return isMissing ? Unpooled.buffer(MAX_CONTROL_LENGTH, MAX_CONTROL_LENGTH) : used.clear();
    }

    private void readPayload(ChannelHandlerContext ctx, ByteBuf in) {
        int length = Math.min(left, in.readableBytes());
        mask = unmask(in, in.readerIndex(), length, mask);
        left -= length;
        if (opcode <= WebSocketHeader.BINARY) {
            ByteBuf payload = in.readRetainedSlice(length);
            if (left == 0) {
                headerLength = 2;
            }
            ctx.fireChannelRead(payload);
        } else {
            control.writeBytes(in, length);
            if (left == 0) {
                endFrame();
            }
        }
    }

    /** Takes the mask off in place; returns the mask for what follows. */
    static int unmask(ByteBuf bytes, int index, int length, int mask) {
        long mask64 = ((mask & 0xFFFF_FFFFL) << 32) | (mask & 0xFFFF_FFFFL);
        int at = 0;
        for (; at + Long.BYTES <= length; at += Long.BYTES) {
            bytes.setLong(index + at, bytes.getLong(index + at) ^ mask64);
        }
        int rotated = mask;
        for (; at < length; at++) {
            bytes.setByte(index + at, bytes.getByte(index + at) ^ (rotated >>> 24));
            rotated = Integer.rotateLeft(rotated, 8);
        }
        return rotated;
    }

    private void endFrame() {
        headerLength = 2;
        switch (opcode) {
            case WebSocketHeader.PING -> keepPing();
            case WebSocketHeader.CLOSE -> onClose();
            default -> {} // a pong, or an empty frame of a message
        }
    }

    private void keepPing() {
        ByteBuf answered = ping;
        ping = control;
        control = answered;
        isPinged = true;
    }

    private void onClose() {
        answerPing(); // it came before
        isOver = true;
        int length = control.readableBytes();
        int code = length == 0 ? NO_STATUS : length == 1 ? 0 : control.getUnsignedShort(0);
        connection.peerClosed(code);
    }

    private void breach(int closeCode, String message) {
        isOver = true;
        connection.breach(closeCode, message);
    }
}
