package io.freshet.benchmarks.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import com.google.gson.JsonParser;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

final class HtmlReportTest {
    private static final String DATA_START = "<script type=\"application/json\" id=\"data\">";

    @Test
    void shouldNeedNothingFromElsewhere() {
        String html = HtmlReport.of(ExampleResults.full());
        assertFalse(Pattern.compile("(src|href)\\s*=\\s*[\"']?(https?:|//|/)")
                .matcher(html)
                .find());
        assertFalse(html.contains("<link"));
        assertFalse(Pattern.compile("@import|url\\(").matcher(html).find());
        assertTrue(html.contains("var uPlot="));
        assertTrue(html.contains("Permission is hereby granted"));
    }

    @Test
    void shouldSayPlainlyWhatCameOut() {
        String good = HtmlReport.of(ExampleResults.full());
        assertTrue(good.contains("<li class=\"good\">Passed</li>"));
        assertTrue(good.contains("<li class=\"plain\">No target rate: as fast as the window allowed</li>"));
        assertTrue(good.contains("<li class=\"good\">Nothing lost, repeated, misordered or damaged</li>"));

        String bad = HtmlReport.of(ExampleResults.elsewhere());
        assertTrue(bad.contains("<li class=\"bad\">Failed</li>"));
        assertTrue(bad.contains("<li class=\"bad\">Deliveries: 3 lost</li>"));
        assertTrue(bad.contains("<li class=\"bad\">The load generator was the limit, not the server</li>"));

        String slow = HtmlReport.of(ExampleResults.tooSlow());
        assertTrue(slow.contains("<li class=\"bad\">Target rate 2 k/s not reached: 1 k/s</li>"));
    }

    @Test
    void shouldEscapeEveryTextOfTheResult() {
        String html = HtmlReport.of(ExampleResults.named("<img src=x onerror=alert(1)>\"'&</script>"));
        assertFalse(html.contains("<img"));
        assertTrue(html.contains("&lt;img src=x onerror=alert(1)&gt;&quot;&#39;&amp;&lt;/script&gt;"));
        assertEquals(2, Pattern.compile("</script>").matcher(html).results().count());
    }

    @Test
    void shouldEmbedTheTimelineAndTheDistribution() {
        LoadResult result = ExampleResults.timed("<b>", 1, 1_000);
        JsonObject data = data(HtmlReport.of(result));
        assertEquals(result.timeline().size(), data.getAsJsonArray("timeline").size());
        JsonObject distribution = data.getAsJsonObject("distribution");
        JsonArray inverse = distribution.getAsJsonArray("inverse");
        JsonObject series = distribution.getAsJsonArray("series").get(0).getAsJsonObject();
        JsonArray values = series.getAsJsonArray("valuesUs");
        assertEquals("<b>", series.get("name").getAsString());
        assertEquals(inverse.size(), values.size());
        assertEquals(1, inverse.get(0).getAsDouble());
        assertEquals(1, values.get(0).getAsDouble(), 0.01);
        assertEquals(1_000, values.get(values.size() - 1).getAsDouble(), 1);
    }

    @Test
    void shouldShowWhatThereIsWithoutSamplesOrHistograms() {
        JsonObject data = data(HtmlReport.of(ExampleResults.full().condensed()));
        assertEquals(0, data.getAsJsonArray("timeline").size());
        assertEquals(
                0, data.getAsJsonObject("distribution").getAsJsonArray("series").size());
    }

    private static JsonObject data(String html) {
        int start = html.indexOf(DATA_START) + DATA_START.length();
        return JsonParser.parseString(html.substring(start, html.indexOf("</script>", start)))
                .getAsJsonObject();
    }
}
