package io.freshet.engine.notice;

/**
 * Something that a user should hear of outside, since it was not read here. It says where the post is and nothing of what it says.
 *
 * @param id of this user and post, or of a notice that is of none; the same when it is told again
 * @param user id of the principal
 * @param reason {@code mention}, {@code direct}, {@code reply}, {@code invitation}, {@code everyone}, or
 *     {@code unspecified} where the application has said none
 * @param channel name of the post's channel
 * @param sequence of the post in it; 0 when it is of none, as an invitation is
 * @param author id of the principal that posted
 * @param postedUs microseconds since 1970 UTC
 */
public record Notification(
        String id, long user, String reason, String channel, long sequence, long author, long postedUs) {}
