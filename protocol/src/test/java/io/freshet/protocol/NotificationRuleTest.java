package io.freshet.protocol;

import static org.junit.jupiter.api.Assertions.assertEquals;

import io.freshet.protocol.v1.Notice.Reason;
import io.freshet.protocol.v1.NotificationLevel;
import io.freshet.protocol.v1.NotificationSetting;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What a user hears of, case by case, and against another way of saying the same. */
class NotificationRuleTest {
    private static final long NOW_US = 1_800_000_000_000_000L;
    private static final long LOBBY = 7;
    private static final long THREAD = 70;
    private static final String NAME = "club/rooms/lobby";

    /**
     * Settings are {@code scope=level} or {@code scope!minutes}, a mute; {@code !!} is one that mentions do not break through, {@code
     * !on} one until it is switched on again. Scopes: # is this channel, ## another, * everywhere, others beginnings of names.
     */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // settings                    | mention | reply | direct | everyone | invitation
                "''                             | true    | true  | true   | true     | true",
                "*=ALL                          | true    | true  | true   | true     | true",
                "*=MENTIONS                     | true    | false | false  | true     | true",
                "*=NOTHING                      | false   | false | false  | false    | false",
                "*=NOTHING #=ALL                | true    | true  | true   | true     | true",
                "#=NOTHING *=ALL                | false   | false | false  | false    | false",
                "##=NOTHING                     | true    | true  | true   | true     | true",
                "club/=NOTHING                  | false   | false | false  | false    | false",
                "pub/=NOTHING                   | true    | true  | true   | true     | true",
                "club/=NOTHING club/rooms/=ALL  | true    | true  | true   | true     | true",
                "club/rooms/=MENTIONS club/=ALL | true    | false | false  | true     | true",
                "club/rooms/=MENTIONS #=NOTHING | false   | false | false  | false    | false",
                "#!15                           | true    | false | false  | false    | false",
                "#!!15                          | false   | false | false  | false    | false",
                "#!-1                           | true    | true  | true   | true     | true",
                "#!!-1                          | true    | true  | true   | true     | true",
                "#!on                           | true    | false | false  | false    | false",
                "club/!30                       | true    | false | false  | false    | false",
                "*!60                           | true    | false | false  | false    | false",
                "*!60 #=ALL                     | true    | false | false  | false    | false",
                "*!!60 #=ALL                    | false   | false | false  | false    | false",
                "*!60 #=NOTHING                 | false   | false | false  | false    | false",
                "##!on                          | true    | true  | true   | true     | true",
                "#!15 club/!!30                 | false   | false | false  | false    | false",
                "#!15 *=MENTIONS                | true    | false | false  | false    | false"
            })
    void shouldTellWhatTheUserWants(
            String settings, boolean mention, boolean reply, boolean direct, boolean everyone, boolean invitation) {
        List<NotificationSetting> set = parsed(settings);

        assertEquals(mention, notifies(set, Reason.REASON_MENTION), "mention");
        assertEquals(reply, notifies(set, Reason.REASON_REPLY), "reply");
        assertEquals(direct, notifies(set, Reason.REASON_DIRECT), "direct");
        assertEquals(everyone, notifies(set, Reason.REASON_EVERYONE), "everyone");
        assertEquals(everyone, notifies(set, Reason.REASON_ROLE), "a role");
        assertEquals(invitation, notifies(set, Reason.REASON_INVITATION), "invitation");
    }

    /** The same for a thread of a post of the lobby, which is #; ~ is the thread itself. */
    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                // settings             | mention | reply
                "''                      | true    | true",
                "#=NOTHING               | false   | false",
                "#=MENTIONS              | true    | false",
                "#=NOTHING ~=ALL         | true    | true",
                "~=NOTHING #=ALL         | false   | false",
                "##=NOTHING              | true    | true",
                "club/=NOTHING           | false   | false",
                "club/=NOTHING #=ALL     | true    | true",
                "club/=NOTHING ~=ALL     | true    | true",
                "*=NOTHING club/=ALL     | true    | true",
                "#!15                    | true    | false",
                "#!!15                   | false   | false",
                "#!15 ~=ALL              | true    | false",
                "club/!!30               | false   | false",
                "~!15                    | true    | false",
                "pub/!15                 | true    | true"
            })
    void shouldTakeForAThreadWhatIsSetForItsChannel(String settings, boolean mention, boolean reply) {
        List<NotificationSetting> set = parsed(settings);
        PostPlace thread = PostPlace.ofThread(THREAD, ThreadName.of(LOBBY, 5), new ThreadName.Parent(LOBBY, 5), NAME);

        assertEquals(mention, NotificationRule.notifies(set, Reason.REASON_MENTION, thread, NOW_US), "mention");
        assertEquals(reply, NotificationRule.notifies(set, Reason.REASON_REPLY, thread, NOW_US), "reply");
    }

    @Test
    void shouldComeToWhatASlowReadingOfTheRuleComesTo() {
        long seed = new SplittableRandom().nextLong();
        SplittableRandom random = new SplittableRandom(seed);
        for (int round = 0; round < 20_000; round++) {
            List<NotificationSetting> settings = new ArrayList<>();
            for (String scope : List.of("#", "##", "*", "c", "club/", "club/rooms/", "club/rooms/lobby", "pub/")) {
                if (random.nextInt(3) == 0) {
                    settings.add(parsed(scope, random));
                }
            }
            Reason reason = Reason.forNumber(1 + random.nextInt(5));
            assertEquals(slowly(settings, reason), notifies(settings, reason), "seed " + seed + ", " + settings);
        }
    }

    /** From the widest scope to the narrowest, each letter of the name a step; what is said last stands. */
    private static boolean slowly(List<NotificationSetting> settings, Reason reason) {
        Map<String, NotificationSetting> byScope = new HashMap<>();
        for (NotificationSetting setting : settings) {
            switch (setting.getScopeCase()) {
                case CHANNEL -> byScope.put(setting.getChannel() == LOBBY ? "#" : "another", setting);
                case SPACE -> byScope.put("space " + setting.getSpace(), setting);
                default -> byScope.put("*", setting);
            }
        }
        List<String> steps = new ArrayList<>(List.of("*"));
        for (int i = 1; i <= NAME.length(); i++) {
            steps.add("space " + NAME.substring(0, i));
        }
        steps.add("#");
        boolean isWanted = true;
        boolean isHeld = false;
        for (String step : steps) {
            NotificationSetting said = byScope.get(step);
            if (said == null) {
                continue;
            }
            long untilUs = said.getMutedUntilUs();
            boolean isMute = untilUs == -1 || untilUs > NOW_US;
            isHeld |= isMute && !(reason == Reason.REASON_MENTION && !said.getMutesMentions());
            switch (said.getLevel()) {
                case NOTIFICATION_LEVEL_ALL -> isWanted = true;
                case NOTIFICATION_LEVEL_MENTIONS ->
                    isWanted = List.of(
                                    Reason.REASON_MENTION,
                                    Reason.REASON_ROLE,
                                    Reason.REASON_EVERYONE,
                                    Reason.REASON_INVITATION)
                            .contains(reason);
                case NOTIFICATION_LEVEL_NOTHING -> isWanted = false;
                default -> {}
            }
        }
        return isWanted && !isHeld;
    }

    private static boolean notifies(List<NotificationSetting> settings, Reason reason) {
        return NotificationRule.notifies(settings, reason, PostPlace.of(LOBBY, NAME), NOW_US);
    }

    private static NotificationSetting parsed(String scope, SplittableRandom random) {
        NotificationSetting.Builder setting = scope(scope);
        setting.setLevelValue(random.nextInt(4));
        setting.setMutesMentions(random.nextBoolean());
        switch (random.nextInt(4)) {
            case 0 -> setting.setMutedUntilUs(InboxEvents.UNTIL_SWITCHED_ON);
            case 1 -> setting.setMutedUntilUs(NOW_US + random.nextInt(2) * 2L - 1);
            default -> setting.setMutedUntilUs(0);
        }
        return setting.build();
    }

    private static List<NotificationSetting> parsed(String settings) {
        List<NotificationSetting> parsed = new ArrayList<>();
        for (String word : settings.isBlank() ? new String[0] : settings.strip().split(" +", -1)) {
            int end = word.indexOf('=') >= 0 ? word.indexOf('=') : word.indexOf('!');
            NotificationSetting.Builder setting = scope(word.substring(0, end));
            if (word.charAt(end) == '=') {
                setting.setLevel(NotificationLevel.valueOf("NOTIFICATION_LEVEL_" + word.substring(end + 1)));
            } else {
                String until = word.substring(end).replace("!", "");
                setting.setMutesMentions(word.contains("!!"))
                        .setMutedUntilUs(
                                until.equals("on")
                                        ? InboxEvents.UNTIL_SWITCHED_ON
                                        : NOW_US + Long.parseLong(until) * 60_000_000);
            }
            parsed.add(setting.build());
        }
        return parsed;
    }

    private static NotificationSetting.Builder scope(String scope) {
        NotificationSetting.Builder setting = NotificationSetting.newBuilder();
        return switch (scope) {
            case "#" -> setting.setChannel(LOBBY);
            case "~" -> setting.setChannel(THREAD);
            case "##" -> setting.setChannel(LOBBY + 1);
            case "*" -> setting.setEverywhere(NotificationSetting.Everywhere.getDefaultInstance());
            default -> setting.setSpace(scope);
        };
    }
}
