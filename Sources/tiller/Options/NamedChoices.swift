public import ArgumentParser
public import ControlVectors
public import Conversion
public import Steering

// Choices that are typed under the names that vector files and recipes use.

extension ExtractionMethod: ExpressibleByArgument {}
extension DatasetImport.Kind: ExpressibleByArgument {}
extension Readout: ExpressibleByArgument {
    /// What help and errors list.
    public static var allValueStrings: [String] { allCases.map(\.rawValue) + ["last:K (K is 1-4096)"] }
}
extension ScaleConvention: ExpressibleByArgument {}
extension CheckpointConversion.WeightType: ExpressibleByArgument {}
