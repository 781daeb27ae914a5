package io.popsight.trainer.compare;

import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;

/** A Darknet network with random weights under construction. */
final class RandomDarknet {

  private static final int MOST_BYTES = 1 << 20;

  private final Random random = new Random(7);
  private final StringBuilder config = new StringBuilder();
  private final ByteBuffer weights = ByteBuffer.allocate(MOST_BYTES).order(ByteOrder.LITTLE_ENDIAN);

  RandomDarknet(int width, int height) {
    section("net", "batch=32", "width=" + width, "height = " + height, "channels=3");
    weights.putInt(0).putInt(2).putInt(5).putLong(1000);
  }

  RandomDarknet section(String kind, String... lines) {
    config.append("\n[%s]\n%s\n".formatted(kind, String.join("\n", lines)));
    return this;
  }

  /** A convolution with its weights; its values neither vanish nor explode. */
  RandomDarknet convolution(
      int groupChannels, int filters, int size, boolean normalized, String... lines) {
    section("convolutional", lines);
    config.append("filters=%d\nsize=%d\npad=1\n".formatted(filters, size));
    numbers(filters, 0, 0.1);
    if (normalized) {
      config.append("batch_normalize=1\n");
      numbers(filters, 1, 0.1);
      numbers(filters, 0, 0.1);
      numbers(filters, 1, 0.1);
    }
    int window = groupChannels * size * size;
    numbers(filters * window, 0, 1 / Math.sqrt(window));
    return this;
  }

  private void numbers(int count, double mean, double deviation) {
    for (int i = 0; i < count; i++) {
      weights.putFloat((float) (mean + deviation * random.nextGaussian()));
    }
  }

  /** Writes {@code random.cfg} and its weights. */
  DarknetConfig write(Path folder) throws IOException {
    byte[] bytes = new byte[weights.position()];
    weights.get(0, bytes);
    Files.write(folder.resolve("random.weights"), bytes);
    return DarknetConfig.read(Files.writeString(folder.resolve("random.cfg"), config));
  }
}
