/**
 * A channel in which people talk, on the client's side: what they say and do, and what they see of it.
 *
 * <pre>
 *   ChatChannel.send, edit, react, … ─► Channel.publish ─► server
 *   ConversationListener ◄── Conversation ◄── records after n ◄── subscription
 *                                         ◄── pages with views at n ◄── fetches
 * </pre>
 *
 * <p>A {@link io.freshet.client.chat.Conversation} is a fold on the client's thread, read by any.
 */
@NullMarked
package io.freshet.client.chat;

import org.jspecify.annotations.NullMarked;
