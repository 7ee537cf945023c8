import Steering
import Terms

/// Words about vectors that pull against each other.
enum ConflictWarning {
    /// Says which of some terms do. Vectors that cannot be compared are refused elsewhere.
    static func say(among terms: [SteeringPlan.Term], named names: [String], layerCount: Int) {
        for conflict in (try? VectorConflict.find(among: terms, layerCount: layerCount)) ?? [] {
            warn(
                "\(names[conflict.first]) and \(names[conflict.second]) pull against each other: cosine "
                    + "\(Quantity.decimal(conflict.cosine, 2)) over layers \(conflict.layers.runs)")
        }
    }
}
