package io.arcfs.ublk;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.arcfs.ublk.DeviceParameters.Attribute;
import io.arcfs.ublk.abi.DeviceInfoLayout;
import io.arcfs.ublk.abi.ParameterLayout;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.util.EnumSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class DeviceParametersTest {
    @Test
    void parametersSurviveTheDriversStruct() {
        for (DeviceParameters parameters :
                new DeviceParameters[] {
                    new DeviceParameters(
                            1L << 44, 512, 4096, 512 << 10, 1L << 30, Set.of(Attribute.FUA)),
                    new DeviceParameters(4096, 4096, 4096, 4096, 0, EnumSet.allOf(Attribute.class)),
                }) {
            MemorySegment struct = Arena.ofAuto().allocate(ParameterLayout.LAYOUT);
            parameters.encode(struct);
            assertThat(DeviceParameters.decode(struct)).isEqualTo(parameters);
        }
    }

    @Test
    void infoSurvivesTheDriversStruct() {
        DeviceInfo info =
                new DeviceInfo(
                        -1,
                        2,
                        128,
                        DeviceState.DEAD,
                        512 << 10,
                        4711,
                        EnumSet.of(Feature.USER_RECOVERY, Feature.USER_COPY),
                        1000,
                        100);
        MemorySegment struct = Arena.ofAuto().allocate(DeviceInfoLayout.LAYOUT);
        info.encode(struct);
        assertThat(DeviceInfo.decode(struct)).isEqualTo(info);
    }

    @Test
    void whatCannotBeADeviceIsRefused() {
        assertThatThrownBy(() -> new DeviceParameters(5000, 4096, 4096, 4096, 0, Set.of()))
                .hasMessage("5000 bytes are not a multiple of the block of 4096");
        assertThatThrownBy(() -> new DeviceParameters(8192, 8192, 8192, 8192, 0, Set.of()))
                .hasMessageContaining("logical block is 8192");
        assertThatThrownBy(() -> new DeviceParameters(4096, 512, 256, 4096, 0, Set.of()))
                .hasMessageContaining("physical block is 256");
        assertThatThrownBy(() -> new DeviceParameters(4096, 512, 512, 512, 0, Set.of()))
                .hasMessageContaining("largest request is 512");
        assertThatThrownBy(() ->
                        new ServerOptions(
                                -1, 0, 1, 4096, DataPath.COPY, ServerOptions.Privilege.PRIVILEGED))
                .hasMessage("queues is 0: 1 to 4096");
        assertThatThrownBy(() ->
                        new ServerOptions(
                                -1,
                                1,
                                5000,
                                4096,
                                DataPath.COPY,
                                ServerOptions.Privilege.PRIVILEGED))
                .hasMessage("depth is 5000: 1 to 4096");
    }
}
