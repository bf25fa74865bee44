package io.arcfs.device;

import java.io.IOException;
import java.nio.file.Path;

class FileBlockDeviceContractTest extends BlockDeviceContract {
    @Override
    BlockDevice make(Path file) throws IOException {
        return FileBlockDevice.create(file, SIZE);
    }
}
