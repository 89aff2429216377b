package io.freshet.protocol;

import org.agrona.collections.Int2ObjectHashMap;
import org.jspecify.annotations.Nullable;

/**
 * Every error, by number. Three of them a client makes itself and no server sends: {@link #DISCONNECTED},
 * {@link #CLIENT_CLOSED} and {@link #REVOKED}. The hundreds say what a client may do:
 *
 * <ul>
 *   <li>1xx: rejected, not processed; try again now
 *   <li>2xx: rejected, not processed; try again after {@code retry_after_ms}
 *   <li>3xx: rejected, not processed; authenticate again
 *   <li>4xx: rejected, not processed; the same request will fail again
 *   <li>5xx: outcome unknown; it may or may not have been processed
 *   <li>6xx: the connection ends; the peer broke the protocol
 * </ul>
 */
public enum ErrorCode {
    /** An earlier publish of the same instance and channel was refused, so this one was too: the counter jumped. */
    NONCE_JUMP(101),
    /** The server's batch could not be appended and was undone. */
    APPEND_FAILED(102),

    /** A queue of the server is full. */
    OVERLOADED(201),
    /** The server is shutting down. */
    SHUTTING_DOWN(202),
    /** Too little disk space is left to keep what is published. */
    STORAGE_FULL(203),
    /** The channel's state cannot be loaded at the moment. */
    CHANNEL_UNAVAILABLE(204),
    /** The authenticator or the access policy failed or did not answer in time. */
    POLICY_UNAVAILABLE(205),
    /** This connection's unread bytes had to be given up for others. */
    SLOW_CONSUMER(206),
    /** No more connections, sessions or open requests at the moment. */
    LIMIT_REACHED(207),
    /** Local to a client: the server was not reached, or the connection ended before the request was sent. */
    DISCONNECTED(208),
    /** This session publishes, or calls services, faster than one may. */
    SESSION_RATE(209),
    /** This principal publishes faster than one may, in all its sessions. */
    USER_RATE(210),
    /** This network address publishes faster than one may, in all its sessions. */
    ADDRESS_RATE(211),
    /** The channel is published to faster than it takes. */
    CHANNEL_RATE(212),
    /** The channel is in slow mode, and this principal has published to it too lately. */
    SLOW_MODE(213),
    /** This principal has read too much history of late. */
    HISTORY_RATE(214),
    /** This network address has as many connections as one may have. */
    ADDRESS_LIMIT(215),
    /** This network address has made too many connections that ended at once, or without a token that was accepted. */
    FLAPPING(216),
    /** More clients connect than the server takes at a time: this one has a slot of its own. */
    CONNECT_SLOT(217),
    /** This session has as many publishes without an answer in the channel as one may have. */
    TOO_MANY_IN_FLIGHT(218),
    /** This session has no subscription and did nothing for long: it ends, and may come back when there is something to do. */
    IDLE_TIMEOUT(219),
    /** Too many calls of services are under way in the server. */
    SERVICE_BUSY(220),
    /** This session signals faster than one may. */
    SIGNAL_RATE(221),
    /** What an event names was looked up and has changed since, more often than the server tries. */
    STALE_VIEW(222),

    /** The token was refused or has expired. */
    UNAUTHENTICATED(301),
    /** The token was good and its time is over: show another one. */
    TOKEN_EXPIRED(302),

    /** The channel does not exist or this principal may not know of it: the two answer alike. */
    UNKNOWN_CHANNEL(401),
    /** The principal may not do this in a channel that it may see. */
    FORBIDDEN(402),
    /** A channel name is empty, too long or not valid UTF-8 without control characters. */
    INVALID_NAME(403),
    /** A payload is longer than {@code max_payload_length}. */
    PAYLOAD_TOO_LONG(404),
    /** The channel is not open on this session. */
    NOT_OPEN(405),
    /** The channel is open on this session already. */
    ALREADY_OPEN(406),
    /** A cursor or a fetch names a sequence beyond the channel's head. */
    BEYOND_HEAD(407),
    /** A field has a value outside its stated range. */
    INVALID_ARGUMENT(408),
    /** The session has its greatest number of open channels. */
    TOO_MANY_CHANNELS(409),
    /** A nonce names another client instance than CONNECT did. */
    WRONG_INSTANCE(410),
    /** Local to a client: it, or the subscription, was closed by its user. */
    CLIENT_CLOSED(411),
    /** Local to a client: the server took back the right to use the channel, with a CLOSED. */
    REVOKED(412),
    /** This principal may not connect from this address. */
    ADDRESS_NOT_ALLOWED(413),
    /** An event names a record that is no post of the channel, or is kept no more. */
    NO_SUCH_POST(414),
    /** An event names a post that was deleted. */
    POST_DELETED(415),
    /** An event would change nothing: the reaction, or the pin, is as it says. */
    ALREADY_SO(416),
    /** The payload of an event is not what its kind says, or a field is outside its limits. */
    INVALID_CONTENT(417),
    /** A post has as many different reactions, or a channel as many pins, as there may be. */
    TOO_MANY(418),
    /** A mention names somebody who may not see the channel, or everyone without the right to. */
    MENTION_REFUSED(419),
    /** The channel is archived: it takes nothing until it is taken out again. */
    CHANNEL_ARCHIVED(420),
    /** There is a channel of this name, and it has records. */
    CHANNEL_EXISTS(421),
    /** Attributes are outside their limits, or not what may come after those that the channel has. */
    INVALID_ATTRIBUTES(422),
    /** The server has no service with this method. */
    UNKNOWN_METHOD(423),
    /** The service that was called failed. */
    REQUEST_FAILED(424),
    /** A room has as many members as it may have. */
    ROOM_FULL(425),
    /** This session is not a member of the room. */
    NOT_IN_ROOM(426),
    /** A room has no such other member, or none that can be reached at the moment. */
    NO_SUCH_PEER(427),
    /** The channel has as many counters as there may be. */
    TOO_MANY_COUNTERS(435),
    /** The attributes that these were to replace are not the channel's any more. */
    ATTRIBUTES_CHANGED(445),

    /** An append or a sync failed in a way that leaves open what was kept. */
    OUTCOME_UNKNOWN(501),
    /** A repeated publish is older than what the server remembers. */
    NONCE_FORGOTTEN(502),

    /** A frame is longer than the limit in force, or its length field is below the minimum. */
    FRAME_TOO_LONG(601),
    /** A frame of unknown type without the IGNORABLE flag. */
    UNKNOWN_TYPE(602),
    /** A body is not a valid message of its type, or a reserved flag is set. */
    MALFORMED(603),
    /** A frame that is not allowed in this state, such as anything before CONNECT or a second CONNECT. */
    UNEXPECTED_FRAME(604),
    /** No protocol version in common. */
    UNSUPPORTED_VERSION(605),
    /** CONNECT did not come in time. */
    HANDSHAKE_TIMEOUT(606),
    /** Nothing was received for longer than the heartbeat allows. */
    HEARTBEAT_TIMEOUT(607),
    /** The first bytes are not a Freshet frame (an HTTP request, for example). */
    NOT_FRESHET(608),
    /** A WebSocket frame or message breaks the rules of WebSocket, or is text. */
    WEBSOCKET_BREACH(609),
    /** The server failed in a way that it should not have. */
    INTERNAL(699);

    private static final Int2ObjectHashMap<ErrorCode> BY_NUMBER = new Int2ObjectHashMap<>();

    static {
        for (ErrorCode code : values()) {
            if (BY_NUMBER.put(code.number, code) != null) {
                throw new ExceptionInInitializerError("two error codes have number " + code.number);
            }
        }
    }

    private final int number;

    ErrorCode(int number) {
        this.number = number;
    }

    public int number() {
        return number;
    }

    /** The code with this number, or null when it is unknown: then its hundreds say what to do. */
    public static @Nullable ErrorCode of(int number) {
        return BY_NUMBER.get(number);
    }

    /**
     * The code with this number or, when it is unknown, the most general one of its hundred: what an older client makes
     * of a newer server's error.
     */
    public static ErrorCode nearest(int number) {
        ErrorCode code = of(number);
        if (code != null) {
            return code;
        }
        return switch (number / 100) {
            case 1 -> APPEND_FAILED;
            case 2 -> OVERLOADED;
            case 3 -> UNAUTHENTICATED;
            case 4 -> INVALID_ARGUMENT;
            case 5 -> OUTCOME_UNKNOWN;
            default -> INTERNAL;
        };
    }

    /** Rejected, and the same request may be sent again (now, or after the time that came with it). */
    public boolean isRetryable() {
        return number < 300;
    }

    /** It is not known whether the request was processed. */
    public boolean isOutcomeUnknown() {
        return number / 100 == 5;
    }

    /** The connection ends with this error. */
    public boolean endsConnection() {
        return number >= 600;
    }
}
