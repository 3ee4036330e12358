module pushcast

go 1.26
