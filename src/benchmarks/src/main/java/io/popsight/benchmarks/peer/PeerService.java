package io.popsight.benchmarks.peer;

import ai.djl.MalformedModelException;
import ai.djl.inference.Predictor;
import ai.djl.modality.cv.Image;
import ai.djl.repository.zoo.Criteria;
import ai.djl.repository.zoo.ModelNotFoundException;
import ai.djl.repository.zoo.ZooModel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import org.springframework.boot.SpringApplication;
import org.springframework.boot.autoconfigure.SpringBootApplication;
import org.springframework.context.annotation.Bean;

/**
 * The peer: {@code --peer.model=TWIN.onnx --server.port=PORT}. The model is loaded once; there are
 * as many predictors as cores, each on one thread of ONNX Runtime, which gives the most photos a
 * second.
 */
@SpringBootApplication(proxyBeanMethods = false)
public class PeerService {

  /** Serves until it is stopped. */
  public static void main(String[] args) {
    SpringApplication.run(PeerService.class, args);
  }

  /** One model in memory. */
  @Bean
  ZooModel<Image, List<PeerBox>> model(
      @org.springframework.beans.factory.annotation.Value("${peer.model}") String file)
      throws ModelNotFoundException, MalformedModelException, IOException {
    return Criteria.builder()
        .setTypes(Image.class, PeerTranslator.boxes())
        .optModelPath(Path.of(file))
        .optEngine("OnnxRuntime")
        .optOption("interOpNumThreads", "1")
        .optOption("intraOpNumThreads", "1")
        .optTranslator(new PeerTranslator())
        .build()
        .loadModel();
  }

  /** As many as cores: a request waits for a free one. */
  @Bean
  BlockingQueue<Predictor<Image, List<PeerBox>>> predictors(ZooModel<Image, List<PeerBox>> model) {
    int cores = Runtime.getRuntime().availableProcessors();
    BlockingQueue<Predictor<Image, List<PeerBox>>> predictors = new ArrayBlockingQueue<>(cores);
    for (int i = 0; i < cores; i++) {
      predictors.add(model.newPredictor());
    }
    return predictors;
  }
}
