import Terms

extension GGUFError {
    /// What repairs it.
    public var remedy: String? {
        if let cause { return cause.remedy }
        return switch kind {
        case .truncated, .dataOutOfBounds:
            "the file is cut short: download or copy it again, and compare its size"
        case .notGGUF:
            LookAlike.remedy(found)
        case .bigEndian:
            "convert the file to little-endian"
        case .unsupportedVersion:
            "convert the model again with a current llama.cpp: version 2 or 3 is needed"
        case .unknownTensorType:
            "this type is newer than this tool: update, or use another quantisation of the model"
        case .removedTensorType:
            "ggml has dropped this type: use another quantisation of the model"
        case .badSplit:
            "give the first part of one split model, all parts unchanged"
        case .missingSplit:
            "put all parts of the model in one folder, with the names they came with"
        case .missingKey, .missingTensor, .wrongType, .outOfRange:
            "the model was converted by another or an older tool: convert or download it again"
        case .wrongByteCount:
            nil
        case .countTooLarge, .badStringLength, .badText, .unknownValueType, .nestedArray, .arrayTooLarge,
            .duplicateKey, .badAlignment, .duplicateTensor, .badDimensionCount, .badDimension, .shapeOverflow,
            .badRowLength, .sizeOverflow, .badOffset, .file:
            "the file is damaged, cut short, or was written by a faulty tool: download or convert it again"
        }
    }
}
