package io.freshet.benchmarks.suite;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class RowsTest {
    @Test
    void shouldSetBarsOnlyBesideServersThatTakePart() {
        for (Row row : Rows.all()) {
            Set<String> names = row.contenders().stream().map(Contender::name).collect(Collectors.toSet());
            assertEquals(row.contenders().size(), names.size(), row.name());
            assertTrue(row.subject().isFreshet(), row.name());
            assertTrue(row.bars().stream().anyMatch(bar -> bar.limit() != null), row.name());
            for (Bar bar : row.bars()) {
                assertTrue(names.contains(bar.baseline()), row.name() + " " + bar);
                assertTrue(!bar.baseline().equals(row.subject().name()), row.name() + " " + bar);
            }
        }
    }

    @Test
    void shouldCompareSettingsOnlyWhenAskedTo() {
        for (Row row : Rows.settings()) {
            assertEquals(List.of(row), Rows.named(List.of(row.name())));
            assertTrue(Rows.named(List.of()).stream().noneMatch(row::equals), row.name());
            assertTrue(row.contenders().stream().allMatch(Contender::isFreshet));
            assertEquals(row.contenders().size() - 1, row.bars().size());
        }
    }

    @Test
    void shouldReportOtherTransportsBesideAPlainOneOnlyWhenAskedTo() {
        assertEquals(
                List.of("tls-hot-100", "websocket-hot-100"),
                Rows.transports().stream().map(Row::name).toList());
        for (Row row : Rows.transports()) {
            assertEquals(List.of(row), Rows.named(List.of(row.name())));
            assertTrue(Rows.named(List.of()).stream().noneMatch(row::equals), row.name());
            assertTrue(row.bars().stream()
                    .allMatch(bar -> bar.limit() == null && bar.baseline().equals("plain")));
            assertEquals(
                    Set.of(row.subject().scheme(), Contender.TCP),
                    row.contenders().stream().map(Contender::scheme).collect(Collectors.toSet()));
        }
    }

    @Test
    void shouldJudgeWhatIsAllocatedOfEachKindOfWork() {
        assertEquals(
                List.of("hot-100", "publish-16-128"),
                Rows.all().stream().filter(Row::asksJvm).map(Row::name).toList());
        assertEquals(0, limit("hot-100", Metric.ALLOCATED_PER_DELIVERY));
        assertEquals(1, limit("publish-16-128", Metric.ALLOCATED_PER_PUBLISH));
    }

    private static double limit(String row, Metric metric) {
        return Rows.named(List.of(row)).get(0).bars().stream()
                .filter(bar -> bar.metric() == metric)
                .map(Bar::limit)
                .filter(Objects::nonNull)
                .mapToDouble(Double::doubleValue)
                .sum();
    }

    @Test
    void shouldNameEveryRowOnce() {
        List<String> names = Stream.of(Rows.all(), Rows.settings(), Rows.transports())
                .flatMap(List::stream)
                .map(Row::name)
                .toList();
        assertEquals(names.size(), new HashSet<>(names).size(), names::toString);
    }

    @Test
    void shouldFindRowsByNameInTheirOwnOrder() {
        assertEquals(
                List.of("hot-10", "hot-100"),
                Rows.named(List.of("hot-100", "hot-10")).stream().map(Row::name).toList());
        assertEquals(Rows.all().size(), Rows.named(List.of()).size());
        IllegalArgumentException failure =
                assertThrows(IllegalArgumentException.class, () -> Rows.named(List.of("hot-7")));
        assertTrue(
                String.valueOf(failure.getMessage()).startsWith("no row is called 'hot-7'; there are hot-10, "),
                failure::toString);
    }
}
