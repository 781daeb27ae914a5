package io.popsight.service.detect;

import io.popsight.imaging.Photo;
import io.popsight.imaging.PhotoDecoder;
import java.util.Optional;
import java.util.function.Supplier;

/** A photo with all its pixels, decoded once somebody wants to see them. */
final class WholePhoto implements Supplier<Photo>, AutoCloseable {

  private final PhotoDecoder decoder;
  private final byte[] encoded;
  private Optional<Photo> decoded = Optional.empty();

  WholePhoto(PhotoDecoder decoder, byte[] encoded) {
    this.decoder = decoder;
    this.encoded = encoded;
  }

  @Override
  public Photo get() {
    if (decoded.isEmpty()) {
      decoded = Optional.of(decoder.decode(encoded));
    }
    return decoded.get();
  }

  @Override
  public void close() {
    decoded.ifPresent(Photo::close);
  }
}
