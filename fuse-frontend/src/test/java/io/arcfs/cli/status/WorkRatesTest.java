package io.arcfs.cli.status;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.JsonNodeFactory;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;

class WorkRatesTest {
    private final AtomicLong now = new AtomicLong();
    private final WorkRates rates = new WorkRates(now::get);

    private ObjectNode look(long seconds, long done) {
        now.set(seconds * 1_000_000_000);
        ObjectNode status = JsonNodeFactory.instance.objectNode();
        status.putArray("work")
                .addObject()
                .put("kind", "build")
                .put("subject", "dir_00")
                .put("doneBytes", done)
                .put("totalBytes", 1000);
        rates.putEtas(status);
        return status;
    }

    @Test
    void etaComesFromHowFarItWasBefore() {
        assertThat(look(10, 100).path("work").path(0).path("etaSeconds").isNull()).isTrue();
        assertThat(look(20, 300).path("work").path(0).path("etaSeconds").asLong()).isEqualTo(35);
    }

    @Test
    void workThatStandsStillHasNone() {
        look(10, 100);
        assertThat(look(20, 100).path("work").path(0).path("etaSeconds").isNull()).isTrue();
    }
}
