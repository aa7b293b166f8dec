#pragma once

#include <string>

#include "study/infer.hpp"

namespace imcsim::study {

/// Exports a trained network as an ONNX file (IR 7, opset 13): Conv, BatchNormalization (a layer's
/// digital scale and offset), the activation, MaxPool or AveragePool, Flatten, Gemm, and a final
/// Sigmoid or Softmax. Weights are those seen by products at the end of training; biases, a row of
/// the crossbar in training, become input C of Gemm and input B of Conv. Input: 1 × C × H × W, or 1
/// × N for a perceptron. Fields: onnx/onnx.proto of https://github.com/onnx/onnx.
std::string export_onnx(const network::Architecture& architecture, network::Activation activation,
                        training::Loss loss, const TrainedModel& model);

/// The JSON result of `imcsim export`, without `execution` and `timing`.
Json export_json(const InferConfig& config, const network::Architecture& architecture,
                 const std::string& bytes);

}  // namespace imcsim::study
