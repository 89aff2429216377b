package io.freshet.engine.notice;

import java.util.List;

/**
 * Who hears of one post without being named: as one of everyone, or for a role.
 *
 * @param everyone those who hear of it because it names everyone
 * @param ofRoles those who hear of it because it names a role of theirs
 */
record Crowd(List<Long> everyone, List<Long> ofRoles) {}
